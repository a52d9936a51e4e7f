//! Speck64/128, a published cipher of additions, rotations and exclusive ors.
//!
//! R. Beaulieu, D. Shors, J. Smith, S. Treatman-Clark, B. Weeks, L. Wingers: "The SIMON and SPECK
//! Families of Lightweight Block Ciphers", 2013. Key and block are expanded and encrypted by the
//! same [`round`], so hardware needs two of them, no multiplier and no table, and computes one
//! round a cycle: [`ROUNDS`] cycles a block.

/// Rounds of a block.
pub const ROUNDS: u32 = 27;

/// One round of a block `(x, y)` with its round key.
///
/// The key schedule is the same function: of a key word in the place of `x`, the round key in the
/// place of `y`, and the number of the round, from 0, in the place of the key.
#[inline]
pub const fn round(x: u32, y: u32, key: u32) -> (u32, u32) {
    let x = x.rotate_right(8).wrapping_add(y) ^ key;
    (x, y.rotate_left(3) ^ x)
}

/// Encrypts the block `(x, y)` with the key words `(k3, k2, k1, k0)`, named as published.
pub const fn encrypt(key: [u32; 4], block: (u32, u32)) -> (u32, u32) {
    let [third, second, first, mut key] = key;
    // Each word waits two rounds for its next turn.
    let mut words = [first, second, third];
    let (mut x, mut y) = block;
    let mut number = 0;
    while number < ROUNDS {
        (x, y) = round(x, y, key);
        let word;
        (word, key) = round(words[0], key, number);
        words = [words[1], words[2], word];
        number += 1;
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::encrypt;

    #[test]
    fn the_published_vector_comes_out() {
        let key = [0x1b1a_1918, 0x1312_1110, 0x0b0a_0908, 0x0302_0100];
        let block = encrypt(key, (0x3b72_6574, 0x7475_432d));
        assert_eq!(block, (0x8c6f_a548, 0x454e_028b));
    }

    #[test]
    fn every_bit_of_key_and_block_counts() {
        let of = |words: [u32; 6]| {
            let [a, b, c, d, x, y] = words;
            encrypt([a, b, c, d], (x, y)).0
        };
        for word in 0..6 {
            for bit in 0..32 {
                let mut words = [0; 6];
                words[word] = 1 << bit;
                let changed = (of(words) ^ of([0; 6])).count_ones();
                assert!((4..=28).contains(&changed), "{word} {bit}: {changed}");
            }
        }
    }
}
